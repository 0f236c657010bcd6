document.write("<a href='//www.counter.example/click' target=_blank><img src='//counter.example/hit?r"
  + escape(document.referrer) + ((typeof (screen) == "undefined") ? "" : ";s" + screen.width + "*" + screen.height)
  + ";u" + escape(document.URL) + ";" + Math.random() + "' width=88 height=31></a>");
