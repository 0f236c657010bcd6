var m3_u = (location.protocol == 'https:' ? 'https://ads.example/www/ajs.php' : 'http://ads.example/www/ajs.php');
document.write("<scr" + "ipt type='text/javascript' src='" + m3_u);
document.write("?zoneid=1&amp;cb=" + Math.floor(Math.random() * 99999999999));
document.write("&amp;loc=" + escape(window.location));
if (document.referrer) document.write("&amp;referer=" + escape(document.referrer));
document.write("'><\/scr" + "ipt>");
