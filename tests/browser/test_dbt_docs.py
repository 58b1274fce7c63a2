"""The dbt docs in a browser: they open from a file, ask no host, and lead from column to reader."""

import pytest

pytestmark = pytest.mark.browser

# dbt's own page complains of these when it is a file: pictures named by a template, its icon
OWN_TO_DBT = ("Unsafe attempt to load URL file:", "net::ERR_FILE_NOT_FOUND")
PLACES = {
    "#!/overview": "원천 기록에서 공개 지표까지",
    "#!/model/model.sales_support_kpi.kpi_values": "judged against its target",
    "#!/source/source.sales_support_kpi.published.runs": "How long the builds",
    "#!/metric/metric.sales_support_kpi.inquiry_within_4h": "고객 문의 4시간 이내 처리율",
    "#!/exposure/exposure.sales_support_kpi.dashboard_kpi_detail": "One KPI: course, why",
}


def test_every_kind_of_page_opens_without_a_network_and_without_an_error(home, browser):
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    stable = (home.dbt_docs / "index.html").as_uri()
    for place, text in PLACES.items():
        page.goto("about:blank")
        page.goto(stable + place)
        page.get_by_text(text).locator("visible=true").first.wait_for(timeout=20_000)
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert [text for text in said if not any(known in text for known in OWN_TO_DBT)] == []
