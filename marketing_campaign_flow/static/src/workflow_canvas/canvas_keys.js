/** A key for a new part, as the server makes them. */
export function newKey() {
    const digits = crypto.getRandomValues(new Uint8Array(12));
    return [...digits].map((digit) => (digit % 16).toString(16)).join("");
}
