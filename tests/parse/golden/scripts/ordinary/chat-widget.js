var Chat = Chat || {}, loaded = new Date();
(function () {
  var s1 = document.createElement("script"), s0 = document.getElementsByTagName("script")[0];
  s1.async = true; s1.src = 'https://embed.chat.example/0/default'; s1.charset = 'UTF-8'; s1.setAttribute('crossorigin', '*');
  s0.parentNode.insertBefore(s1, s0);
})();
