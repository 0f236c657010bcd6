if (screen.width <= 699 && !/ipad/i.test(navigator.userAgent)) document.location = "/m/";
