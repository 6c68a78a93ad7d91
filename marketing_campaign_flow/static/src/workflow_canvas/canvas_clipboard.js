import { browser } from "@web/core/browser/browser";

const PLACE = "flow_canvas_clipboard";
const FORMAT = '"format": "campaign-flow/';

/** Carries states between workflows, as text of the document format. */
export class Clipboard {
    constructor(canvas) {
        this.canvas = canvas;
    }

    read(keys) {
        return this.canvas.orm.call("flow.workflow", "get_copied", [
            [this.canvas.picture.id], keys,
        ]);
    }

    async copy(keys) {
        if (!keys.length) {
            return;
        }
        const text = await this.read(keys);
        // for pages without a secure connection, where the browser has no clipboard
        browser.localStorage.setItem(PLACE, text);
        try {
            await browser.navigator.clipboard?.writeText(text);
        } catch {
            // the browser does not let us: what is kept above serves this browser
        }
    }

    get kept() {
        return browser.localStorage.getItem(PLACE) || "";
    }

    onPaste(ev) {
        const root = this.canvas.root.el;
        if (!root.contains(document.activeElement) || ev.target.closest("input, textarea, aside")) {
            return;
        }
        ev.preventDefault();
        const text = ev.clipboardData?.getData("text/plain") || "";
        this.canvas.paste(text.includes(FORMAT) ? text : this.kept);
    }
}
