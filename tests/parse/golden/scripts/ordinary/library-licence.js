/*! Small slider | (c) its authors | https://slider.example/licence */
(function (g) { var ua = navigator.userAgent, touch = 'ontouchstart' in g || navigator.maxTouchPoints > 0;
  g.slider = function (o) { if (o.link) o.el.onclick = function () { location.href = o.link; }; return { ua: ua, touch: touch }; };
})(window);
