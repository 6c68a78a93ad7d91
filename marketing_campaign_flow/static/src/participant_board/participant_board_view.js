import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ParticipantBoardModel } from "./participant_board_model";

export const participantBoardView = { ...kanbanView, Model: ParticipantBoardModel };

registry.category("views").add("flow_participant_board", participantBoardView);
