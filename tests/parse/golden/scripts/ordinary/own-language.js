var language = (navigator.language || navigator.userLanguage).slice(0, 2);
if (location.pathname === '/' && !sessionStorage.chosen) { sessionStorage.chosen = 1; location.assign(language === 'de' ? '/de/' : '/en/'); }
