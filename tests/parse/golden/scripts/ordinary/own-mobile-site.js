(function () {
  if (/android|iphone|ipod|blackberry|mobile/i.test(navigator.userAgent) && document.cookie.indexOf('full=1') < 0)
    window.location.href = 'https://m.shop.example/m' + location.pathname;
})();
