/**
 * The charts of an outlook, as configurations of Chart.js; pure.
 */

/** How the axes look: the same in each chart. */
function axes({ text, grid }, formatNumber, stacked) {
    const ticks = { color: text };
    return {
        x: { stacked, ticks: { ...ticks, maxTicksLimit: 10, maxRotation: 0 }, grid: { display: false } },
        y: {
            stacked,
            beginAtZero: true,
            ticks: { ...ticks, maxTicksLimit: 5, precision: 0, callback: (value) => formatNumber(value) },
            grid: { color: grid },
        },
    };
}

function options(look, formatNumber, stacked) {
    return {
        maintainAspectRatio: false,
        animation: false,
        interaction: { mode: "index", intersect: false },
        plugins: {
            legend: { position: "bottom", labels: { color: look.text, boxWidth: 12 } },
            tooltip: {
                callbacks: {
                    label: ({ dataset, parsed }) => `${dataset.label}: ${formatNumber(parsed.y)}`,
                },
            },
        },
        scales: axes(look, formatNumber, stacked),
    };
}

/** Who is where, day by day: the states on top of each other, so that the whole is everybody. */
export function peopleChart({ days, people }, look, formatNumber) {
    const everybody = people.reduce((sum, { values }) => sum + values[values.length - 1], 0);
    const few = Math.min(0.5, everybody / 200);
    const shown = people.filter(({ values }) => values.some((value) => value > few));
    return {
        type: "line",
        data: {
            labels: days,
            datasets: shown.map(({ label, values }, index) => ({
                label,
                data: values,
                fill: true,
                pointRadius: days.length > 1 ? 0 : 3,
                borderWidth: 1,
                borderColor: look.color(index, shown.length),
                backgroundColor: look.color(index, shown.length),
            })),
        },
        options: options(look, formatNumber, true),
    };
}

/** How many messages leave, day by day. */
export function messagesChart({ days, messages }, look, formatNumber) {
    return {
        type: "bar",
        data: {
            labels: days,
            datasets: messages.map(({ label, values }, index) => ({
                label,
                data: values,
                backgroundColor: look.color(index, messages.length),
            })),
        },
        options: options(look, formatNumber, true),
    };
}

/** What has been spent by the end of each day, beside the budget. */
export function moneyChart({ days, money }, look, formatNumber, words) {
    const datasets = [
        {
            label: words.cost,
            data: money.values,
            fill: true,
            pointRadius: days.length > 1 ? 0 : 3,
            borderColor: look.color(0, 2),
            backgroundColor: look.faint(look.color(0, 2)),
        },
    ];
    if (money.budget) {
        datasets.push({
            label: words.budget,
            data: days.map(() => money.budget),
            pointRadius: 0,
            borderDash: [6, 4],
            borderColor: look.danger,
            backgroundColor: "transparent",
        });
    }
    return { type: "line", data: { labels: days, datasets }, options: options(look, formatNumber, false) };
}

/** The rows of a table with a column for each series, for those who cannot see a chart. */
export function tableRows(days, series) {
    return days.map((day, index) => ({ day, cells: series.map(({ values }) => values[index]) }));
}
