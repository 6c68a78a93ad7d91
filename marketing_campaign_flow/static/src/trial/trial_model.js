/**
 * A test run: the orders given so far, and what came of them; pure.
 *
 * The server remembers nothing. Each look sends all orders from the beginning, so that taking one
 * back is sending one less. Answers that were overtaken by a later question are dropped.
 */
export class TrialModel {
    /**
     * @param {(contactId: number, orders: Object[], beganAt: string | null,
     *     number: number | null) => Promise<Object>} ask
     */
    constructor(ask) {
        this.ask = ask;
        this.contactId = false;
        this.orders = [];
        this.answer = null;
        this.isBusy = false;
        this.asked = 0;
    }

    /** Begin anew, with somebody else perhaps. */
    async begin(contactId) {
        this.contactId = contactId;
        this.orders = [];
        this.beganAt = this.number = null;
        this.answer = null;
        if (contactId) {
            await this.look([]);
        }
    }

    async give(order) {
        await this.look([...this.orders, order]);
    }

    async takeBack() {
        await this.look(this.orders.slice(0, -1));
    }

    /** Ask what comes of orders; where that fails everything stays as it is. */
    async look(orders) {
        const asked = ++this.asked;
        this.isBusy = true;
        try {
            const answer = await this.ask(this.contactId, orders, this.beganAt, this.number);
            if (asked === this.asked) {
                this.orders = orders;
                this.answer = answer;
                this.beganAt = answer.began_at;
                this.number = answer.number ?? null;
            }
        } finally {
            if (asked === this.asked) {
                this.isBusy = false;
            }
        }
    }
}
