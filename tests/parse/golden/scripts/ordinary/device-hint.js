window.retarget_q = window.retarget_q || [];
var device = /iPad/.test(navigator.userAgent) ? "t" : /Mobile|iP(hone|od)|Android/.test(navigator.userAgent) ? "m" : "d";
window.retarget_q.push({ event: "setSiteType", type: device }, { event: "viewHome" });
