if (/MSIE|Trident/.test(navigator.userAgent)) {
  document.write('<script src="https://cdn.example/polyfill.min.js"><\/script>');
}
