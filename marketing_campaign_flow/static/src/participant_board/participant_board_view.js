import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ParticipantBoardController } from "./participant_board_controller";
import { ParticipantBoardModel } from "./participant_board_model";
import { ParticipantBoardRenderer } from "./participant_board_renderer";

export const participantBoardView = {
    ...kanbanView,
    Controller: ParticipantBoardController,
    Model: ParticipantBoardModel,
    Renderer: ParticipantBoardRenderer,
};

registry.category("views").add("flow_participant_board", participantBoardView);
