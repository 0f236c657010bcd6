var l = navigator.language; if (l.indexOf('ja') == 0) { self.location.assign("https:\/\/bad.test\/jp\/"); }
