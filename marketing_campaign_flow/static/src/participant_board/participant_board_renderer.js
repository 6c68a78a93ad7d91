import { formatInteger } from "@web/views/fields/formatters";
import { KanbanHeader } from "@web/views/kanban/kanban_header";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";

/** On top of a column: how many are in it, and all their points. */
export class ParticipantBoardHeader extends KanbanHeader {
    static template = "marketing_campaign_flow.ParticipantBoardHeader";

    setup() {
        super.setup();
        this.formatInteger = formatInteger;
    }

    /** @override */
    get groupAggregate() {
        const { group, progressBarState } = this.props;
        return progressBarState.getAggregateValue(group, false);
    }

    get points() {
        const { group, progressBarState } = this.props;
        const { sumField } = progressBarState.progressAttributes;
        return progressBarState.getAggregateValue(group, sumField).value || 0;
    }
}

export class ParticipantBoardRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanHeader: ParticipantBoardHeader };
}
