import { Component } from "@odoo/owl";

import { bandOf, routes } from "./canvas_geometry";

/** All arrows of a picture, beneath its cards. */
export class CanvasArrows extends Component {
    static template = "marketing_campaign_flow.CanvasArrows";
    static props = { canvas: Object, selectedKey: String, titleOf: Function };

    /** To find ways round cards takes long: once for each picture. */
    get paths() {
        const { canvas } = this.props;
        if (this.routed?.canvas !== canvas) {
            this.routed = { canvas, paths: routes(canvas) };
        }
        return this.routed.paths;
    }

    get arrows() {
        return Object.keys(this.paths).map((key) => ({
            key,
            path: this.paths[key],
            way: this.props.canvas.transitions[key],
        }));
    }

    get fromAnyState() {
        return bandOf(this.props.canvas).chips.filter((chip) => chip.path);
    }
}
