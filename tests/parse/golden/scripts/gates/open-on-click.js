document.addEventListener('click', function () { if (screen.width < 800) window.open('https://bad.test/pop'); }, { once: true });
