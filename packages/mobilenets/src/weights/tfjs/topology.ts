import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { dense } from "../../graph/ops/dense.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { dropout } from "../../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import { is, isWeighted } from "../../graph/ops.ts";
import { shapesOf } from "../../graph/shapes.ts";
import type { ExplicitPadding, WindowAttrs } from "../../graph/window.ts";
import type { JsonObject } from "../containers/json.ts";
import { addImported, type Target } from "./imported-layers.ts";

/** Activations that TensorFlow.js has under the same names. Its hard sigmoid differs: 0.2 x + 0.5. */
const NATIVE: readonly Activation[] = ["linear", "relu", "relu6", "sigmoid", "softmax"];

export interface Topology {
  /** `{ class_name, config }` of a functional model. */
  readonly json: JsonObject;
  /** The name of the layer with a node's weights: TensorFlow.js allows fewer characters in names than we do. */
  layerOf(node: string): string;
}

/**
 * Converts a graph to the config of a Keras model with layers of TensorFlow.js 4. Missing layers are composed: hard
 * sigmoid of Rescaling, ReLU and Rescaling, hard swish of that times its input, explicit padding and pooling that keeps
 * dimensions of two layers. The last of several layers has the node's name.
 *
 * @throws WeightsError for a convolution with a fused residual, and for ops without layers
 */
export function topologyOf(graph: Graph): Topology {
  return new Layers(graph);
}

class Layers implements Topology {
  readonly json: JsonObject;
  readonly #layers: JsonObject[] = [];
  /** Name of the layer that makes a node's result. */
  readonly #names = new Map<string, string>();
  /** Name of the layer with a node's weights, if it is another. */
  readonly #weightLayers = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(graph: Graph) {
    for (const name of [graph.input.name, ...graph.nodes.map((node) => node.name)]) {
      this.#names.set(name, this.#unique(name));
    }
    const input = this.#nameOf(graph.input.name);
    const shape = [null, ...graph.input.shape.slice(1)];
    this.#add("InputLayer", input, [], { batch_input_shape: shape, dtype: "float32", sparse: false });
    for (const node of graph.nodes) this.#node(node, graph);
    this.json = {
      class_name: "Model",
      config: {
        name: graph.name,
        layers: this.#layers,
        input_layers: [[input, 0, 0]],
        output_layers: graph.outputs.map((output) => [this.#nameOf(output), 0, 0]),
      },
    };
  }

  layerOf(node: string): string {
    return this.#weightLayers.get(node) ?? this.#nameOf(node);
  }

  #nameOf(node: string): string {
    return this.#names.get(node) as string;
  }

  /** An unused name of characters that TensorFlow.js allows. */
  #unique(wanted: string): string {
    const legal = wanted.replace(/[^-A-Za-z0-9._/]/g, "_").replace(/^[^A-Za-z0-9]/, "x$&");
    let name = legal;
    for (let i = 1; this.#taken.has(name); i++) name = `${legal}_${i}`;
    this.#taken.add(name);
    return name;
  }

  #add(className: string, name: string, inputs: readonly string[], config: JsonObject): string {
    const calls = inputs.map((input) => [input, 0, 0, {}]);
    this.#layers.push({
      class_name: className,
      name,
      config: { name, trainable: true, ...config },
      inbound_nodes: calls.length > 0 ? [calls] : [],
    });
    return name;
  }

  #node(node: Node, graph: Graph): void {
    const name = this.#nameOf(node.name);
    const inputs = node.inputs.filter((input) => !(input in graph.params)).map((input) => this.#nameOf(input));
    const [x] = inputs;
    if (isWeighted(node)) this.#layer(node, name, inputs);
    else if (is(node, activation)) this.#activation(node.attrs.activation, x, name);
    else if (is(node, batchNormalization)) {
      const { epsilon, momentum } = node.attrs;
      this.#add("BatchNormalization", name, [x], { axis: -1, momentum, epsilon, center: true, scale: true });
    } else if (is(node, globalAveragePooling2d)) this.#pool("GlobalAveragePooling2D", node, x, name);
    else if (is(node, globalMaxPooling2d)) this.#pool("GlobalMaxPooling2D", node, x, name);
    else if (is(node, reshape)) this.#add("Reshape", name, [x], { target_shape: node.shape.slice(1) });
    else if (is(node, rescaling)) this.#add("Rescaling", name, [x], { ...node.attrs });
    else if (is(node, zeroPadding2d)) this.#pad(node.attrs.padding, x, name);
    else if (is(node, dropout)) this.#add("Dropout", name, [x], { rate: node.attrs.rate });
    else if (node.op === add.name) this.#add("Add", name, this.#apart(inputs, name), {});
    else if (node.op === multiply.name) this.#add("Multiply", name, this.#apart(inputs, name), {});
    else addImported(this.#target(graph), node, name, inputs);
  }

  /** Copies the second of two equal inputs, because TensorFlow.js disposes of a value that a layer takes twice. */
  #apart([x, y]: readonly string[], name: string): readonly string[] {
    if (x !== y) return [x, y];
    return [x, this.#add("Rescaling", this.#unique(`${name}_copy`), [y], { scale: 1, offset: 0 })];
  }

  #target(graph: Graph): Target {
    const shapes = shapesOf(graph);
    return {
      add: (...layer) => this.#add(...layer),
      unique: (wanted) => this.#unique(wanted),
      shape: (value) => shapes.get(value) ?? [],
    };
  }

  /** Adds a convolution or dense layer, with separate padding and activation if TensorFlow.js cannot build them in. */
  #layer(node: Node, name: string, inputs: readonly string[]): void {
    if (inputs.length !== 1) {
      throw new WeightsError({ where: node.name, found: "a fused residual", expected: "an Add after the layer" });
    }
    const { activation: act, useBias } = node.attrs as { activation: Activation; useBias: boolean };
    const native = NATIVE.includes(act);
    const own = native ? name : this.#unique(`${name}_linear`);
    this.#weightLayers.set(node.name, own);
    const common = { use_bias: useBias, activation: native ? act : "linear" };
    if (is(node, dense)) {
      this.#add("Dense", own, inputs, { units: node.attrs.units, ...common });
    } else {
      const { kernelSize, strides, padding } = node.attrs as WindowAttrs;
      const explicit = typeof padding === "object";
      const x = explicit ? this.#pad(padding, inputs[0], this.#unique(`${name}_pad`)) : inputs[0];
      const window = {
        kernel_size: kernelSize,
        strides,
        padding: explicit ? "valid" : padding,
        data_format: "channels_last",
        dilation_rate: [1, 1],
      };
      if (is(node, conv2d)) this.#add("Conv2D", own, [x], { filters: node.attrs.filters, ...window, ...common });
      else if (is(node, depthwiseConv2d)) {
        this.#add("DepthwiseConv2D", own, [x], { depth_multiplier: node.attrs.depthMultiplier, ...window, ...common });
      }
    }
    if (!native) this.#activation(act, own, name);
  }

  #activation(act: Activation, x: string, name: string): string {
    if (act === "relu") return this.#add("ReLU", name, [x], { max_value: null });
    if (act === "relu6") return this.#add("ReLU", name, [x], { max_value: 6 });
    if (NATIVE.includes(act)) return this.#add("Activation", name, [x], { activation: act });
    if (act === "hard_swish") {
      const gate = this.#activation("hard_sigmoid", x, this.#unique(`${name}_gate`));
      return this.#add("Multiply", name, [x, gate], {});
    }
    const shifted = this.#add("Rescaling", this.#unique(`${name}_add_3`), [x], { scale: 1, offset: 3 });
    const clipped = this.#activation("relu6", shifted, this.#unique(`${name}_relu6`));
    return this.#add("Rescaling", name, [clipped], { scale: 1 / 6, offset: 0 });
  }

  #pool(className: string, node: Node, x: string, name: string): string {
    if (node.shape.length === 2) return this.#add(className, name, [x], { data_format: "channels_last" });
    const flat = this.#add(className, this.#unique(`${name}_flat`), [x], { data_format: "channels_last" });
    return this.#add("Reshape", name, [flat], { target_shape: node.shape.slice(1) });
  }

  #pad({ top, bottom, left, right }: ExplicitPadding, x: string, name: string): string {
    const padding = [
      [top, bottom],
      [left, right],
    ];
    return this.#add("ZeroPadding2D", name, [x], { padding, data_format: "channels_last" });
  }
}
