import type { AttributeValue, ConstantData, ElementType, Graph, Tensor } from './graph.ts';
import { ProtobufWriter } from './protobuf.ts';
import { isSymbolic, type Shape } from './shape.ts';

/**
 * Field numbers of the messages in onnx.proto3 (ONNX 1.16), the ones that are written here.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
const MODEL = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadata: 14 } as const;
const OPSET = { version: 2 } as const;
const KEY_VALUE = { key: 1, value: 2 } as const;
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, float: 2, int: 3, text: 4, ints: 8, type: 20 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, text: 3, ints: 7 } as const;
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { elementType: 1, shape: 2 } as const;
const SHAPE = { dim: 1 } as const;
const DIM = { value: 1, parameter: 2 } as const;
const ELEMENT_TYPE: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };

/** Opset 18 takes the axes of every reduction as an input. IR 8 is the version that came with it. */
const OPSET_VERSION = 18;
const IR_VERSION = 8;

/**
 * The graph as the bytes of an ONNX model. Only what the outputs need is written.
 * `metadata` becomes the model's metadata properties.
 */
export function writeOnnx(graph: Graph, name: string, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const needed = reachable(graph);
  const names = new Map<Tensor, string>();
  const aliases: { readonly from: string; readonly to: string }[] = [];
  for (const { name: output, tensor } of graph.outputs) {
    // A graph output must be the output of a node of its own name.
    if (tensor.op === undefined || names.has(tensor)) aliases.push({ from: names.get(tensor) ?? tensor.name, to: output });
    else names.set(tensor, output);
  }
  const nameOf = (tensor: Tensor) => names.get(tensor) ?? tensor.name;

  const model = new ProtobufWriter();
  model.int(MODEL.irVersion, IR_VERSION).text(MODEL.producerName, 'cobalt-desk');
  model.message(MODEL.graph, (body) => {
    for (const tensor of needed) if (tensor.op !== undefined) body.message(GRAPH.node, (node) => writeNode(node, tensor, nameOf));
    for (const { from, to } of aliases) body.message(GRAPH.node, (node) => writeIdentity(node, from, to));
    body.text(GRAPH.name, name);
    for (const tensor of needed) {
      const { data } = tensor;
      if (data !== undefined) body.message(GRAPH.initializer, (nested) => writeInitializer(nested, tensor, data));
    }
    for (const tensor of graph.inputs) body.message(GRAPH.input, (nested) => writeValueInfo(nested, tensor.name, tensor));
    for (const { name: output, tensor } of graph.outputs)
      body.message(GRAPH.output, (nested) => writeValueInfo(nested, output, tensor));
  });
  model.message(MODEL.opsetImport, (opset) => opset.int(OPSET.version, OPSET_VERSION));
  for (const [key, value] of Object.entries(metadata)) {
    model.message(MODEL.metadata, (entry) => entry.text(KEY_VALUE.key, key).text(KEY_VALUE.value, value));
  }
  return model.finish();
}

/** Everything that the outputs are computed from, in topological order. */
function reachable(graph: Graph): Tensor[] {
  const needed = new Set<Tensor>();
  const pending = graph.outputs.map(({ tensor }) => tensor);
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (needed.has(tensor)) continue;
    needed.add(tensor);
    for (const input of tensor.inputs) if (input !== undefined) pending.push(input);
  }
  return graph.tensors.filter((tensor) => needed.has(tensor));
}

function writeNode(node: ProtobufWriter, tensor: Tensor, nameOf: (tensor: Tensor) => string): void {
  for (const input of tensor.inputs) node.text(NODE.input, input === undefined ? '' : nameOf(input));
  node
    .text(NODE.output, nameOf(tensor))
    .text(NODE.name, tensor.name)
    .text(NODE.opType, tensor.op as string);
  for (const [key, value] of Object.entries(tensor.attributes))
    node.message(NODE.attribute, (nested) => writeAttribute(nested, key, value));
}

function writeIdentity(node: ProtobufWriter, from: string, to: string): void {
  node.text(NODE.input, from).text(NODE.output, to).text(NODE.name, `output_${to}`).text(NODE.opType, 'Identity');
}

function writeAttribute(attribute: ProtobufWriter, name: string, value: AttributeValue): void {
  attribute.text(ATTRIBUTE.name, name);
  if (typeof value === 'string') attribute.text(ATTRIBUTE.text, value).int(ATTRIBUTE.type, ATTRIBUTE_TYPE.text);
  else if (typeof value !== 'number') attribute.packedInts(ATTRIBUTE.ints, value).int(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints);
  else if (Number.isInteger(value)) attribute.int(ATTRIBUTE.int, value).int(ATTRIBUTE.type, ATTRIBUTE_TYPE.int);
  else attribute.float(ATTRIBUTE.float, value).int(ATTRIBUTE.type, ATTRIBUTE_TYPE.float);
}

function writeInitializer(initializer: ProtobufWriter, tensor: Tensor, data: ConstantData): void {
  initializer.packedInts(TENSOR.dims, tensor.shape as readonly number[]).int(TENSOR.dataType, ELEMENT_TYPE[tensor.type]);
  initializer.text(TENSOR.name, tensor.name);
  // raw_data is little-endian, and so is every machine that this runs on.
  initializer.bytes(TENSOR.rawData, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValueInfo(info: ProtobufWriter, name: string, tensor: Tensor): void {
  info.text(VALUE_INFO.name, name);
  info.message(VALUE_INFO.type, (type) =>
    type.message(TYPE.tensor, (nested) => {
      nested.int(TENSOR_TYPE.elementType, ELEMENT_TYPE[tensor.type]);
      nested.message(TENSOR_TYPE.shape, (shape) => writeShape(shape, tensor.shape));
    }),
  );
}

function writeShape(writer: ProtobufWriter, shape: Shape): void {
  for (const dim of shape) {
    writer.message(SHAPE.dim, (nested) => {
      if (isSymbolic(dim)) nested.text(DIM.parameter, dim === 'batch*1' ? 'batch' : dim);
      else nested.int(DIM.value, dim);
    });
  }
}
