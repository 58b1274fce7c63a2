"""What the tests do in Superset's pages, and what its API answers."""

import re
from dataclasses import dataclass, field

import httpx

TALL = {"width": 1500, "height": 3400}  # charts load when they are in sight
QUIET_MS = 1500
PATIENCE = 360  # half seconds


@dataclass
class Seen:
    """What a dashboard's page asked for and got."""

    answers: dict[int, list[dict]] = field(default_factory=dict)  # by chart id
    options: list[dict] = field(default_factory=list)  # what filters offer

    def rows(self, chart):
        """The rows of a chart."""
        return self.answers[chart][0]["data"]


class Visitor:
    """A logged-in browser; whatever its pages complain of fails the test when it is left."""

    def __init__(self, browser, superset, user):
        self.superset = superset
        self.context = browser.new_context(viewport=TALL, locale="ko-KR")
        self.context.set_default_timeout(120_000)
        self.page = self.context.new_page()
        self.seen = Seen()
        self.asked = {}  # an answer belongs to what was chosen when it was asked for
        self.complaints = []
        self.page.on("request", lambda request: self.asked.update({request: self.seen}))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{error}"))
        self.page.on("response", self._response)
        assert self._log_in(user, superset.passwords[user]), f"{user} cannot log in"
        self.complaints.clear()  # the login page is told that there are no words

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.page.remove_listener("response", self._response)
        self.context.close()
        if kind is None:
            assert self.complaints == []

    def open(self, slug, names):
        """A dashboard, once each of its charts has been answered."""
        self.seen = Seen()
        self.page.goto(f"{self.superset.base_url}/superset/dashboard/{slug}/")
        self.wait_for(names)

    def wait_for(self, names):
        for _ in range(PATIENCE):
            self.page.wait_for_timeout(500)
            if set(names) <= set(self.seen.answers):
                break
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(QUIET_MS)

    def choose(self, label, value):
        """Another value in a filter of the bar, applied."""
        self.seen = Seen()
        name = self.page.locator("label[for^=NATIVE_FILTER]").filter(has_text=label).first
        box = self.page.locator(f"#{name.get_attribute('for')}")
        box.click(force=True)  # the chosen value lies over it
        box.fill(value)
        self.page.locator(".ant-select-item-option", has_text=value).first.click()
        self.page.keyboard.press("Escape")
        self.page.locator("[data-test=filter-bar__apply-button]").click()

    def picture(self, path):
        """The whole dashboard, without what is empty of the tall window."""
        ends = self.page.locator(".dashboard-component-chart-holder").evaluate_all(
            "charts => charts.map(chart => chart.getBoundingClientRect().bottom)"
        )
        size = {"width": TALL["width"], "height": min(max(ends) + 16, TALL["height"])}
        self.page.screenshot(path=path, clip={"x": 0, "y": 0, **size})

    def chart(self, title):
        """A chart on the page."""
        return self.page.locator(".chart-slice").filter(has_text=title).first

    def cells(self, title):
        """The rows of a table on the page, as their texts."""
        chart = self.chart(title)
        rows = chart.locator("tbody tr").all()
        return [[cell.inner_text().strip() for cell in row.locator("td").all()] for row in rows]

    def _log_in(self, user, password):
        self.page.goto(f"{self.superset.base_url}/login/")
        self.page.wait_for_load_state("networkidle")
        self.page.fill("input[name=username], #username", user)
        self.page.fill("input[name=password], #password", password)
        self.page.keyboard.press("Enter")
        for _ in range(PATIENCE):
            self.page.wait_for_timeout(500)
            if "login" not in self.page.url:
                self.page.wait_for_load_state("networkidle")
                return "login" not in self.page.url
        return False

    def _console(self, message):
        # Superset's own usage pixel, refused by our content security policy: that is meant.
        is_refusal = "scarf.sh" in message.text
        if message.type == "error" and not is_refusal:
            self.complaints.append(message.text)

    def _response(self, response):
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")
        if "/api/v1/chart/data" not in response.url or response.request.method != "POST":
            return
        asked = response.request.post_data_json or {}
        form = asked.get("form_data") or {}
        results = response.json().get("result", [])
        seen = self.asked[response.request]
        if form.get("native_filter_id"):
            seen.options += results
        elif "slice_id" in form:
            seen.answers[form["slice_id"]] = results


class Api:
    """Superset's REST API as one user."""

    def __init__(self, superset, user):
        self.client = httpx.Client(base_url=superset.base_url, timeout=120)
        login = {"username": user, "password": superset.passwords[user], "provider": "db"}
        answer = self.client.post("/api/v1/security/login", json=login)
        answer.raise_for_status()
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        # readers may not ask for one by the API; every page carries one
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.client.get("/login/").text)
        self.client.headers.update({"X-CSRFToken": token[1], "Referer": superset.base_url})

    def datasets(self):
        """Dataset ids by name, as far as this user may see them."""
        answer = self.client.get("/api/v1/dataset/", params={"q": "(page_size:100)"})
        answer.raise_for_status()
        return {row["table_name"]: row["id"] for row in answer.json()["result"]}

    def charts(self):
        """Chart names by id."""
        answer = self.client.get("/api/v1/chart/", params={"q": "(page_size:100)"})
        answer.raise_for_status()
        return {row["id"]: row["slice_name"] for row in answer.json()["result"]}

    def rows(self, dataset_id, columns, filters=(), **more):
        """Rows of a dataset, raw."""
        answer = self.ask(dataset_id, columns, filters, **more)
        answer.raise_for_status()
        return answer.json()["result"][0]["data"]

    def ask(self, dataset_id, columns, filters=(), **more):
        """The answer as it came."""
        query = {
            "columns": list(columns), "metrics": [], "orderby": [], "row_limit": 10_000,
            "filters": [{"col": c, "op": "IN", "val": v} for c, v in filters], **more,
        }  # fmt: skip
        body = {
            "datasource": {"id": dataset_id, "type": "table"},
            "queries": [query],
            "result_type": "full",
            "result_format": "json",
        }
        return self.client.post("/api/v1/chart/data", json=body)
