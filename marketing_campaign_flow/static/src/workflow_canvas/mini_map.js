import { Component, useEffect, useRef } from "@odoo/owl";

import { bounds, boxOf } from "./canvas_geometry";

/** The whole picture in small, with what of it is seen; a click goes there. */
export class MiniMap extends Component {
    static template = "marketing_campaign_flow.MiniMap";
    static props = { canvas: Object, onGo: Function, frame: Function };

    setup() {
        const frame = useRef("frame");
        useEffect(
            (el) => this.props.frame(el),
            () => [frame.el]
        );
    }

    get area() {
        const { left, top, right, bottom } = bounds(this.props.canvas);
        return { left, top, width: right - left, height: bottom - top };
    }

    get viewBox() {
        const { left, top, width, height } = this.area;
        return `${left} ${top} ${width} ${height}`;
    }

    get boxes() {
        const { canvas } = this.props;
        return Object.values(canvas.states).map((state) => ({
            ...boxOf(state, canvas),
            key: state.key,
            color: state.color,
            kind: state.kind,
        }));
    }

    go(ev) {
        const svg = ev.currentTarget;
        const point = new DOMPoint(ev.clientX, ev.clientY);
        const { x, y } = point.matrixTransform(svg.getScreenCTM().inverse());
        this.props.onGo({ x, y });
    }

    onMove(ev) {
        if (ev.buttons & 1) {
            this.go(ev);
        }
    }
}
