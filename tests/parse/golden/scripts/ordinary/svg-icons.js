var ns = "http://www.w3.org/2000/svg", touch = 'ontouchstart' in window;
function icon(name) { var svg = document.createElementNS(ns, "svg"); svg.setAttribute("class", name + (touch ? " touch" : "")); return svg; }
document.querySelector('.back').onclick = function () { location.href = '/'; };
