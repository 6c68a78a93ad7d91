// Odoo's website and the tracker: consent comes from the cookies bar, forms name their visitor.

const SCRIPT = "script[src$='/flow/tracker.js']";
const SEND = ".s_website_form_send, .o_website_form_send";

function whenReady(callback) {
    if (window.flowTracker) {
        callback(window.flowTracker);
    } else {
        const loaded = () => window.flowTracker && callback(window.flowTracker);
        document.querySelector(SCRIPT)?.addEventListener("load", loaded);
    }
}

function hasAgreed() {
    const found = document.cookie.match(/(?:^|; )website_cookies_bar=([^;]*)/);
    return Boolean(found && /"optional": ?true/.test(decodeURIComponent(found[1])));
}

document.addEventListener("optionalCookiesAccepted", () => whenReady((it) => it.consent()));
document.addEventListener("optionalCookiesDenied", () => whenReady((it) => it.consent(false)));
if (hasAgreed()) {
    whenReady((it) => it.consent());
}

// The server knows the form, the browser knows the visitor.
document.addEventListener(
    "click",
    ({ target }) => {
        const form = target.closest?.(SEND)?.closest("form");
        const visitor = window.flowTracker?.visitor;
        if (!form || !visitor) {
            return;
        }
        let field = form.querySelector("input[name=flow_visitor]");
        if (!field) {
            field = document.createElement("input");
            field.type = "hidden";
            field.name = "flow_visitor";
            form.append(field);
        }
        field.value = visitor;
    },
    true
);
