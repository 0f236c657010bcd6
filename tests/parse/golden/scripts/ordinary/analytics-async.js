(function (w, d, tag, address, name) {
  w[name] = w[name] || function () { (w[name].q = w[name].q || []).push(arguments) };
  w[name].l = 1 * new Date();
  var s = d.createElement(tag), first = d.getElementsByTagName(tag)[0];
  s.async = 1; s.src = address; first.parentNode.insertBefore(s, first);
})(window, document, 'script', '//www.statistics.example/analytics.js', 'stat');
stat('create', 'UA-1-1', 'auto'); stat('send', 'pageview');
