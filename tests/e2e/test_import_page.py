"""An integrator's ledger as it really comes: every mistake is explained at its cell, and the rest is imported."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLES = ("设备名称", "所属区域", "IP地址", "设备编码", "启用时间", "监控点位类型", "人脸抓拍")
ROWS: Sequence[Sequence[object]] = (
    ("进村路口", "village", "10.9.8.1", "34020000001320000001", "2024年5月1日", "一类", "是"),
    ("河边", "village", "10.9.8.300", "34020000001320000002", 45000, "二类", ""),
    ("桥头", "柳树村", "10.9.8.3", "34020000001320000003", "2024-05-01", "二类", ""),
    ("晒谷场", "", "10.9.8.4", "3.402E+19", "2024-05-01", "四类", ""),
)


def test_a_messy_ledger_is_explained_and_imported(desk_site: DeskSite, tmp_path: Path) -> None:
    """GB18030 and UTF-8 with its mark are read alike; errors are told in Chinese at their cells; the good row is in."""
    desk_site.add_person("integrator", Role.ADMIN, "county")
    village = desk_site.call("GET", f"/areas/{desk_site.areas['village']}")["name"]
    lines = [",".join(TITLES), *(",".join(map(str, row)).replace("village", village) for row in ROWS)]
    text = "光明镇摄像机台账\n" + "\n".join(lines) + "\n"
    with browser("zh-CN") as context:
        page = desk_site.enter(context, "integrator")
        page.goto(f"{desk_site.url}/cameras")
        page.get_by_role("link", name="导入台账").click()
        for encoding in ("gb18030", "utf-8-sig"):
            _choose(page, tmp_path / f"{encoding}.csv", text.encode(encoding))
            expect(page.get_by_text("涉及人员、车辆识别")).to_be_visible()
            page.get_by_role("button", name="核对").click()
            _expect_fault(page, 4, "IP 地址不正确")
            _expect_fault(page, 5, "没有名为“柳树村”的区域")
            _expect_fault(page, 6, "没有填写所属区域")
            _expect_fault(page, 6, "数字过长")
            _expect_fault(page, 6, "不在可选项之中")
            if encoding == "gb18030":
                page.get_by_role("button", name="换一个文件").click()
        page.get_by_role("button", name="导入 1 行").click()
        expect(page.get_by_text("导入完成")).to_be_visible(timeout=15_000)
        page.get_by_role("button", name="换一个文件").click()
        _choose(page, tmp_path / "merged.xlsx", _merged(village))
        page.get_by_role("button", name="核对").click()
        _expect_fault(page, 3, "合并单元格")
        page.get_by_text("无变化 1").click()
        page.locator("tr[data-row='2'] a", has_text="进村路口").click()
        expect(page.locator("h1", has_text="进村路口")).to_be_visible()
    assert [row["detail"]["state"] for row in desk_site.rows("ledger.import")] == ["done", "begun"]


def _choose(page: Page, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("button", name="核对")).to_be_visible(timeout=15_000)


def _expect_fault(page: Page, row: int, words: str) -> None:
    expect(page.locator(f"tr[data-row='{row}'] .bad", has_text=words).first).to_be_visible(timeout=15_000)


def _merged(village: str) -> bytes:
    """The first row as it is by now, and one below that shares its IP address in a merged cell."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(TITLES)
    sheet.append([village if cell == "village" else cell for cell in ROWS[0]])
    sheet.append(["祠堂", village, None, "34020000001320000009", "2024-05-01", "二类", ""])
    sheet.merge_cells("C2:C3")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
