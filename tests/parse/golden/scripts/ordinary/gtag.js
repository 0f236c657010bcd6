window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag('js', new Date());
gtag('consent', 'default', { ad_storage: 'denied', analytics_storage: 'denied' });
gtag('config', 'G-0000', { cookie_domain: 'auto', page_location: location.href });
