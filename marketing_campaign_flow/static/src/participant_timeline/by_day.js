/**
 * Part the lines of a timeline: what happened and what is planned, each by day.
 *
 * @param {Object[]} entries lines in order, see `Entry._for_screen` of flow.participant
 * @returns {{key: string, isPlanned: boolean, days: {day: string, entries: Object[]}[]}[]}
 */
export function byDay(entries) {
    const parts = [];
    for (const entry of entries) {
        const isPlanned = ["scheduled", "waits"].includes(entry.kind);
        if (parts.at(-1)?.isPlanned !== isPlanned) {
            parts.push({ key: String(parts.length), isPlanned, days: [] });
        }
        const { days } = parts.at(-1);
        if (!days.length || days.at(-1).day !== entry.day) {
            days.push({ day: entry.day, entries: [] });
        }
        days.at(-1).entries.push(entry);
    }
    return parts;
}
