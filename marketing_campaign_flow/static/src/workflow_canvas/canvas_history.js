const DEEPEST = 100;

/** What can be undone, and done again; each entry is a list of commands for the server. */
export class History {
    constructor() {
        this.done = [];
        this.undone = [];
    }

    get canUndo() {
        return this.done.length > 0;
    }

    get canRedo() {
        return this.undone.length > 0;
    }

    /** Something was done; what had been undone before cannot be done again. */
    push(commands) {
        if (commands.length) {
            this.done = [...this.done, commands].slice(-DEEPEST);
            this.undone = [];
        }
    }

    /**
     * Take the last entry off a pile; the answer of the server goes on the other one.
     *
     * @param {(commands: Array) => Promise<Array|null>} send returns what takes the commands back,
     *  null when they were not carried out
     */
    async undo(send) {
        const commands = this.done.at(-1);
        const back = commands && (await send(commands));
        if (back) {
            this.done = this.done.slice(0, -1);
            this.undone = [...this.undone, back];
        }
    }

    async redo(send) {
        const commands = this.undone.at(-1);
        const back = commands && (await send(commands));
        if (back) {
            this.undone = this.undone.slice(0, -1);
            this.done = [...this.done, back];
        }
    }
}
