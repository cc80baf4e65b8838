//! The server: which bot and method a path names, and what goes wrong with the answer.

use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::fault::Draw;
use super::listener::Line;
use super::methods::{Call, carry_out};
use super::polling::get_updates;
use super::spoil::{before, spoil};
use super::wire::{ApiError, Params, Reply};
use super::world::World;

/// Any request but those of the control interface.
pub(super) async fn answer(world: &World, line: &Line, request: Request) -> Response {
    // A token's colon may come escaped.
    let path = request.uri().path().replace("%3A", ":").replace("%3a", ":");
    if let Some((token, file)) = path.strip_prefix("/file/bot").and_then(|rest| rest.split_once('/')) {
        return match find_bot(world, token) {
            Ok(bot) => download(world, line, bot, file).await,
            Err(error) => error.into_response(),
        };
    }
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return ApiError::new(404, "Not Found").into_response();
    };
    let bot = match find_bot(world, token) {
        Ok(bot) => bot,
        Err(error) => return error.into_response(),
    };
    let method = method.to_ascii_lowercase();
    let draw = draw(world, &method);
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    if let Some(response) = before(&draw, line, too_many).await {
        return response;
    }
    let result = if method == "getupdates" {
        get_updates(world, bot, &params, &draw).await
    } else {
        let answered = draw.answers();
        world.with(|state, now| carry_out(state, &Call { bot, method: &method, params: &params, answered, now })).map(Reply::Json)
    };
    after(&draw, line, result).await
}

fn find_bot(world: &World, token: &str) -> Result<i64, ApiError> {
    if !token.contains(':') || token.len() > 80 {
        return Err(ApiError::new(401, "Unauthorized: invalid token specified"));
    }
    let bot = world.look(|state| state.bots.values().find(|bot| bot.token.reveal() == token).map(|bot| bot.id));
    bot.ok_or_else(|| ApiError::new(401, "Unauthorized"))
}

fn draw(world: &World, method: &str) -> Draw {
    world.with(|state, _| {
        *state.ledger.calls.entry(method.to_owned()).or_default() += 1;
        state.faults.draw(method)
    })
}

async fn download(world: &World, line: &Line, bot: i64, path: &str) -> Response {
    let draw = draw(world, "file");
    if let Some(response) = before(&draw, line, too_many).await {
        return response;
    }
    let Some(bytes) = world.look(|state| state.files.download(bot, path)) else {
        return ApiError::new(404, "Not Found").into_response();
    };
    match draw.outcome {
        None => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Some(fault) => spoil(fault, line, bytes).await,
    }
}

/// What goes wrong once it is done.
async fn after(draw: &Draw, line: &Line, result: Result<Reply, ApiError>) -> Response {
    match draw.outcome {
        None => result.map_or_else(IntoResponse::into_response, IntoResponse::into_response),
        Some(fault) => spoil(fault, line, result.map_or_else(|error| Bytes::from(error.description), Reply::body)).await,
    }
}

fn too_many(wait: u32) -> Response {
    ApiError::too_many(wait.into()).into_response()
}
