import { registry } from "@web/core/registry";

const KEPT = 100;

/**
 * Asks the server whom records mean, one question after the other: each can take seconds.
 *
 * What was answered is kept by the key of the question, so that all who show a figure of one record
 * ask once.
 */
export const countService = {
    dependencies: ["orm"],

    start(env, { orm }) {
        const questions = new Map();
        let last = Promise.resolve();

        async function ask(record, question) {
            if (!question.wanted.some((isWanted) => isWanted())) {
                return null;
            }
            const values = await record.getChanges();
            const ids = record.resId ? [record.resId] : [];
            return orm.silent.call(record.resModel, "get_count", [ids, values], {
                context: record.context,
            });
        }

        /**
         * @param {Object} record - of a model that inherits `flow.counted`
         * @param {string} key - its `count_key`
         * @param {() => boolean} isWanted - whether the answer is still of interest
         * @returns {Promise<Object|null>} the figures; null where there are none
         */
        function count(record, key, isWanted) {
            let question = questions.get(key);
            if (!question) {
                question = { wanted: [] };
                question.answer = last
                    .then(() => ask(record, question))
                    .catch((error) => {
                        Promise.reject(error); // said once, however many wait for it
                        return null;
                    })
                    .then((figures) => {
                        if (!figures) {
                            questions.delete(key);
                        }
                        return figures;
                    });
                last = question.answer;
                questions.set(key, question);
                for (const oldest of [...questions.keys()].slice(0, -KEPT)) {
                    questions.delete(oldest);
                }
            }
            question.wanted.push(isWanted);
            return question.answer;
        }

        return { count };
    },
};

registry.category("services").add("flow_count", countService);
