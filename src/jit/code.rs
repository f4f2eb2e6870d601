//! Machine code: functions through Cranelift into memory that is first writable, then executable, never both.

use std::fmt;

use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{AbiParam, UserFuncName};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, default_libcall_names};

use crate::jit::emit::{self, Design};
use crate::jit::schedule::Unit;

/// `fn(scratch, slots, params, rows)`.
pub type Code = unsafe extern "C" fn(*mut u8, *const *mut u8, *const i64, i64);

/// Why a policy could not be compiled: the machine, or an error inside pol.
#[derive(Debug)]
pub struct CompileError(String);

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "machine code: {}", self.0)
    }
}

impl std::error::Error for CompileError {}

impl CompileError {
    /// For an engine that was made without machine code.
    pub fn not_made() -> CompileError {
        failed("the engine was made without it")
    }

    pub(super) fn stopped() -> CompileError {
        failed("a thread that compiled ended by itself")
    }
}

fn failed(error: impl fmt::Display) -> CompileError {
    CompileError(error.to_string())
}

/// Compiled functions and the memory that they stand in.
pub struct Library {
    module: Option<JITModule>,
    functions: Vec<Code>,
}

// SAFETY: after `compile` nothing in the module changes until it is dropped; its code may be called from any
// thread, and it is freed only with the last owner.
unsafe impl Send for Library {}
// SAFETY: as above; a shared module is only read.
unsafe impl Sync for Library {}

impl Drop for Library {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: the functions are private to this value and none of them runs while it is dropped.
            unsafe { module.free_memory() };
        }
    }
}

impl Library {
    pub fn function(&self, at: usize) -> Code {
        self.functions[at]
    }
}

/// The machine that the code is for: this one.
pub fn machine() -> Result<OwnedTargetIsa, CompileError> {
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "speed"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ] {
        flags.set(name, value).map_err(failed)?;
    }
    cranelift_native::builder().map_err(failed)?.finish(settings::Flags::new(flags)).map_err(failed)
}

/// Compiles some functions into one module.
pub fn compile(design: &Design, isa: OwnedTargetIsa, functions: &[&[Unit]]) -> Result<Library, CompileError> {
    let target = isa.frontend_config();
    let mut module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
    let mut context = module.make_context();
    let mut builder = FunctionBuilderContext::new();
    let mut ids: Vec<FuncId> = Vec::with_capacity(functions.len());
    for (at, units) in functions.iter().enumerate() {
        context.func.signature.params.extend([AbiParam::new(I64); 4]);
        context.func.name = UserFuncName::user(0, at as u32);
        emit::function(design, FunctionBuilder::new(&mut context.func, &mut builder), target, units);
        let id = module
            .declare_function(&format!("f{at}"), Linkage::Local, &context.func.signature)
            .map_err(failed)?;
        module.define_function(id, &mut context).map_err(|error| failed(format!("{error:?}")))?;
        module.clear_context(&mut context);
        ids.push(id);
    }
    module.finalize_definitions().map_err(failed)?;
    let functions = ids.into_iter().map(|id| {
        let code = module.get_finalized_function(id);
        // SAFETY: the function was declared with this signature and is finalized; the module keeps its memory.
        unsafe { std::mem::transmute::<*const u8, Code>(code) }
    });
    let functions = functions.collect();
    Ok(Library { module: Some(module), functions })
}
