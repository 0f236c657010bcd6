"""A hoster's machine: homes of customers whose sites are made of the same few files."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from unhijack.core.data import Json

PLANTED = "<?php @eval(base64_decode($_POST['harmless']));"
"""What a back door is by its shape. It is read, and never run."""


@dataclass(slots=True)
class Machine:
    """Homes, and the list of who has them."""

    folder: Path
    rows: list[str] = field(default_factory=list)

    @property
    def accounts(self) -> Path:
        """The list, as it stands now."""
        path = self.folder / "accounts.csv"
        path.write_text("customer,docroot,mail,language,domain\n" + "\n".join(self.rows) + "\n")
        return path

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def docroot(self, name: str) -> Path:
        return self.folder / "homes" / name / "public_html"

    def site(
        self, name: str, *, customer: str = "", files: int = 20, planted: bool = False
    ) -> Path:
        """A folder with files that other folders have as well."""
        web = self.docroot(name)
        web.mkdir(parents=True)
        for number in range(files):
            text = f"<?php\n// page {number}\n" + f"echo 'page {number}';\n" * 40
            (web / f"page{number}.php").write_text(text)
        if planted:
            (web / "planted.php").write_text(PLANTED)
        self.listed(customer or name, web, f"{name}.test")
        return web

    def listed(self, customer: str, docroot: Path | str, domain: str = "") -> None:
        quoted = customer.replace('"', '""')
        self.rows.append(f'"{quoted}",{docroot},,,{domain}')

    def state(self) -> list[dict[str, Json]]:
        """The record of the run."""
        path = self.reports / "state.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def index(self) -> dict[str, dict[str, Json]]:
        """The index, by customer."""
        data = json.loads((self.reports / "index.json").read_text())
        return {one["customer"]: one for one in data["customers"]}

    def written(self) -> set[str]:
        """Files of the report folder, without those of the run itself."""
        kept = {"index.json", "index.csv", "state.jsonl", ".lock"}
        return {path.name for path in self.reports.iterdir()} - kept
