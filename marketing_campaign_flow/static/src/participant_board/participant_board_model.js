import { _t } from "@web/core/l10n/translation";
import { RelationalModel } from "@web/model/relational_model/relational_model";

// How long the offer to undo a move stays; the server holds back for as long what the move brings.
const CHANGE_OF_MIND = 10000;

/** Columns of states: a card that is dropped is a move by hand, which can be undone for a moment. */
export class ParticipantBoardGroups extends RelationalModel.DynamicGroupList {
    /** @override */
    async moveRecord(dataRecordId, dataGroupId, refId, targetGroupId) {
        await this.model.occupy(() => super.moveRecord(...arguments));
        const target = this.groups.find((group) => group.id === targetGroupId);
        const moved = target?.list.records.find((record) => record.id === dataRecordId);
        if (moved && dataGroupId !== targetGroupId && this.groupByField.name === "state_id") {
            this._offerUndo(moved, target);
        }
    }

    _offerUndo(record, target) {
        // The services themselves: undoing works as well from the page that somebody went on to.
        const { action, notification, orm } = this.model.env.services;
        const participantIds = [record.resId];
        const campaignIds = [record.data.campaign_id.id];
        let undone = false;
        const close = notification.add(
            _t("%(name)s was moved to “%(state)s”.", {
                name: record.data.name,
                state: target.displayName,
            }),
            {
                type: "success",
                autocloseDelay: CHANGE_OF_MIND,
                buttons: [
                    {
                        name: _t("Undo"),
                        icon: "fa-undo",
                        primary: true,
                        onClick: async () => {
                            undone = true;
                            close();
                            await orm.call("flow.participant", "action_undo_move", [
                                participantIds,
                            ]);
                            await action.doAction({
                                type: "ir.actions.client",
                                tag: "soft_reload",
                            });
                        },
                    },
                ],
                // Nobody has changed their mind: let the engine go on with what the move brings.
                onClose: () => undone || orm.call("flow.campaign", "action_run_now", [campaignIds]),
            }
        );
    }
}

export class ParticipantBoardModel extends RelationalModel {
    static DynamicGroupList = ParticipantBoardGroups;

    /** @override */
    setup() {
        super.setup(...arguments);
        this.occupations = 0;
        this.begunLoads = 0;
        this.endedLoads = 0;
    }

    /** Whether something goes on that a fresh board would undo: a move, or another search. */
    get isOccupied() {
        return this.occupations > 0 || this.begunLoads !== this.endedLoads;
    }

    async occupy(work) {
        this.occupations++;
        try {
            return await work();
        } finally {
            this.occupations--;
        }
    }

    /** @override A load that a later one has overtaken never ends. */
    async load() {
        const number = ++this.begunLoads;
        try {
            return await super.load(...arguments);
        } finally {
            this.endedLoads = number;
        }
    }

    /**
     * Read the same board once more, and show it unless something has begun meanwhile.
     *
     * @param {() => boolean} isHeld asked at the last moment whether the cards have to stay
     * @returns {Promise<boolean>} whether it is shown
     */
    async loadAgain(isHeld) {
        const { begunLoads } = this;
        if (this.isOccupied) {
            return false;
        }
        const config = this._getNextConfig(this.config, {});
        const data = await this._loadData(config);
        if (this.isOccupied || begunLoads !== this.begunLoads || isHeld()) {
            return false;
        }
        this.hooks.onWillLoadRoot(config);
        this.root = this._createRoot(config, data);
        this.config = config;
        await this.hooks.onRootLoaded(this.root);
        return true;
    }
}
