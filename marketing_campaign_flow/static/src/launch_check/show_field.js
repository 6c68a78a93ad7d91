const FRAMES = 30; // for the form to draw the page of a tab

/** Wait until an element is there; undefined if it does not come. */
async function element(root, selector) {
    for (let frame = 0; frame < FRAMES; frame++) {
        const found = root.querySelector(selector);
        if (found) {
            return found;
        }
        await new Promise((resolve) => requestAnimationFrame(resolve));
    }
}

/**
 * Turn to the tab of a form and put the cursor into a field.
 *
 * @param {Element} root what holds the form
 * @param {{page?: string, field?: string}} place
 */
export async function showField(root, { page, field }) {
    if (page) {
        (await element(root, `.o_notebook_headers .nav-link[name="${page}"]`))?.click();
    }
    if (field) {
        const widget = await element(root, `.o_field_widget[name="${field}"]`);
        widget?.scrollIntoView({ block: "center" });
        widget?.querySelector("input, textarea, select, [contenteditable=true], button")?.focus();
    }
}
