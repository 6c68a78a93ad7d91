import { Component } from "@odoo/owl";

import { bandOf, routes } from "./canvas_geometry";

/** All arrows of a picture, beneath its cards. */
export class CanvasArrows extends Component {
    static template = "marketing_campaign_flow.CanvasArrows";
    // `shown` is another number when the places of cards are others
    static props = { canvas: Object, shown: Number, selectedKey: String, titleOf: Function };

    get arrows() {
        const paths = routes(this.props.canvas);
        return Object.keys(paths).map((key) => ({
            key,
            path: paths[key],
            way: this.props.canvas.transitions[key],
        }));
    }

    get fromAnyState() {
        return bandOf(this.props.canvas).chips.filter((chip) => chip.path);
    }
}
