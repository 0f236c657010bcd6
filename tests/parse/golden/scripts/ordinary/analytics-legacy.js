var host = (document.location.protocol == "https:" ? "https://ssl." : "http://www.");
document.write(unescape("%3Cscript src='" + host + "statistics.example/ga.js' type='text/javascript'%3E%3C/script%3E"));
