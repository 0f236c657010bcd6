if (top !== self) { top.location = self.location.href; }
if (parent.frames.length > 0) parent.location.href = location.href;
