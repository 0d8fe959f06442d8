"""browser.py - Debian's chromium without a screen, and what a page looks like in it."""
import base64
import json

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

# Every text of the page whose contrast to what is behind it is less than 4.5 : 1 (WCAG 2.2, 1.4.3).
FAINT = """
const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c;
  }
  return [255, 255, 255];
};
const faint = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || !e.checkVisibility() || ["title", "desc", "SCRIPT"].includes(e.tagName)) continue;
  const style = getComputedStyle(e), svg = e.closest("svg");
  const front = parse(svg ? style.fill : style.color);
  const back = svg ? parse(getComputedStyle(svg.querySelector("polygon")).fill) : behind(e);
  const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) faint.push([walk.currentNode.data.trim().slice(0, 40), ratio]);
}
return faint;
"""

# What is wider than the window, but for what scrolls by itself.
WIDE = """
const wide = [...document.body.querySelectorAll("*")].filter(e => !e.closest("svg svg, .wide *") &&
  e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName + "." + e.className);
return document.documentElement.scrollWidth > innerWidth ? ["the page", ...wide] : wide;
"""

# The words of a picture that stand in others, or outside.
OVERLAPPING = """
return [...document.querySelectorAll("svg[role=img]")].flatMap(svg => {
  const view = svg.viewBox.baseVal;
  const boxes = [...svg.querySelectorAll("text")].map(e => {
    const box = e.getBBox(), y = parseFloat(e.getAttribute("y")); // from the base line to the top of digits
    return { text: e.textContent, left: box.x, right: box.x + box.width, top: y - 0.73 * parseFloat(e.getAttribute("font-size")), y };
  });
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 && Math.min(a.y, b.y) - Math.max(a.top, b.top) > 0.5;
  return boxes.flatMap((a, i) => boxes.slice(0, i).filter(b => meet(a, b)).map(b => [b.text, a.text])).concat(
    boxes.filter(a => a.left < -0.5 || a.right > view.width + 0.5 || a.top < 0 || a.y > view.height).map(a => [a.text]));
});
"""

# The height of the lowest text of a picture, as it is shown.
SMALLEST = """
return Math.min(...[...document.querySelectorAll("svg text")].filter(e => e.checkVisibility()).map(e => {
  const svg = e.closest("svg");
  return parseFloat(e.getAttribute("font-size")) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
}));
"""


class Browser:
    """A chromium; `complaints` and `requests` are those since the last call."""

    def __init__(self):
        options = Options()
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
            options.add_argument(word)
        options.binary_location = "/usr/bin/chromium"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def open(self, path, width=1440, theme="light", script=True):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": "", "features": [{"name": "prefers-color-scheme", "value": theme},
                                       {"name": "prefers-reduced-motion", "value": "reduce"}]})
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.driver.get(path.as_uri())

    def ask(self, script, *args):
        return self.driver.execute_script(script, *args)

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """The addresses that were asked for, but for the page itself and what stands in it."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if url != self.driver.current_url and not url.startswith("data:")]

    def faint(self):
        return self.ask(FAINT)

    def smallest(self):
        return self.ask(SMALLEST)

    def overlapping(self):
        return self.ask(OVERLAPPING)

    def wide(self):
        return self.ask(WIDE)

    def take_paper(self):
        """The page as it is printed by who reads on a dark ground."""
        features = [{"name": "prefers-color-scheme", "value": "dark"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})

    def printed(self):
        """The page as a PDF, on A4."""
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
