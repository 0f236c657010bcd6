window._wpemojiSettings = {"baseUrl":"https:\/\/s.w.org\/images\/core\/emoji\/15.0.3\/72x72\/","ext":".png","svgUrl":"https:\/\/s.w.org\/images\/core\/emoji\/15.0.3\/svg\/","source":{"concatemoji":"https:\/\/www.shop.example\/wp-includes\/js\/wp-emoji-release.min.js?ver=6.5"}};
!function (w, d, settings) {
  var canvas = d.createElement("canvas"), context = canvas.getContext && canvas.getContext("2d"), code = String.fromCharCode;
  function draws(set) {
    if (!context || !context.fillText) return false;
    context.textBaseline = "top"; context.font = "600 32px Arial";
    context.fillText(code.apply(this, [55356, 56826, 55356, 56819]), 0, 0);
    return -1 === navigator.userAgent.indexOf("Windows NT 6.1") && canvas.toDataURL().length > 3000;
  }
  function load(address) {
    var s = d.createElement("script"); s.src = address; s.defer = s.type = "text/javascript";
    d.getElementsByTagName("head")[0].appendChild(s);
  }
  try { sessionStorage.setItem("wpEmojiSettingsSupports", JSON.stringify({ t: Date.now() })) } catch (e) { }
  if (!draws("flag") && settings.source.concatemoji) load(settings.source.concatemoji);
}(window, document, window._wpemojiSettings);
